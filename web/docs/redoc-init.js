/* global Redoc */
Redoc.init("/openapi.json", {}, document.querySelector("#docs"));
