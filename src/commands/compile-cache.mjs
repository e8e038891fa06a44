// Keeps what Node compiles for the next start, which takes half the time then. It has to be loaded
// before all that it is to keep; plain JavaScript, because TypeScript would load a compiler for it.
import { enableCompileCache } from "node:module";

enableCompileCache();
