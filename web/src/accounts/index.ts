/** The screens about accounts, and the one for no address of ours, fetched together when one of them is wanted. */
import "../styles/home.css";
export { Everybody } from "./everybody";
export { Nowhere } from "./nowhere";
export { Own } from "./own";
export { SignIn } from "./sign-in";
export { Welcome } from "./welcome";
