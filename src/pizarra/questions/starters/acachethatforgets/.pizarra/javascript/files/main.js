const { Cache } = require("./cache.js");
const { Clock } = require("./clock.js");

const cache = new Cache(2, 60, new Clock());
cache.put("ana", 1);
cache.put("ben", 2);
cache.get("ana");
cache.put("cid", 3);
console.log(cache.get("ana"), cache.get("ben"), cache.get("cid"), cache.size());
