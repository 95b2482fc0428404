/** The screens about accounts, fetched together when one of them is wanted. */
import "../styles/home.css";
export { Everybody } from "./everybody";
export { Own } from "./own";
export { SignIn } from "./sign-in";
export { Welcome } from "./welcome";
