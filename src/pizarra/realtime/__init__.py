"""The product's side of a socket: the protocol, who may open one, what is asked for on it, who comes and goes."""
