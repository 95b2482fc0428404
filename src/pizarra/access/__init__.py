"""Who somebody is and what they may: credentials, identities, rules, and the same asked again of open sockets."""
