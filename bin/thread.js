// Where a worker thread begins. Plain JavaScript, so that nothing has to be compiled before the cache is
// there: threads neither inherit nor keep it.
import { enableCompileCache, flushCompileCache } from "node:module";

enableCompileCache();
// Up to and with the job file: it is loaded before this resolves.
await import("../src/local/threads/thread-main.ts");
flushCompileCache();
