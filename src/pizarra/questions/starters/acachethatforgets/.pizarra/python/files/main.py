from cache import Cache
from clock import Clock

cache = Cache(2, 60, Clock())
cache.put("ana", 1)
cache.put("ben", 2)
cache.get("ana")
cache.put("cid", 3)
print(cache.get("ana"), cache.get("ben"), cache.get("cid"), cache.size())
