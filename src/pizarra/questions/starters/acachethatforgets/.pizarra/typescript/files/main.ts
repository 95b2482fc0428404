import { Cache } from "./cache";
import { Clock } from "./clock";

const cache = new Cache<string, number>(2, 60, new Clock());
cache.put("ana", 1);
cache.put("ben", 2);
cache.get("ana");
cache.put("cid", 3);
console.log(cache.get("ana"), cache.get("ben"), cache.get("cid"), cache.size());
