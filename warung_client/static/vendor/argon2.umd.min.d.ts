// Loaded for its effect: it puts `hashwasm` on the global object.
export {};
