import { readParcels } from "./parcels";
import { report } from "./report";

const LIST = `
A1; 480; city
B2; 2000; country   # fragile

C3; 12300; islands
`;

console.log(report(readParcels(LIST)).join("\n"));
