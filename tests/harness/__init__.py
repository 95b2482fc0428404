"""What the tests start: real servers, real browsers, real Yjs clients."""
