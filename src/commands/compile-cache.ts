import { enableCompileCache } from "node:module";

// Keeps what Node compiles for the next start; it has to be loaded before all that it is to keep.
enableCompileCache();
