import { mkdirSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { createLocalStore } from "../../src/local/store/store.ts";
import { temporaryDirectory } from "../memory/directory.ts";
import { memoryStore } from "../../src/testing/memory/store.ts";
import { storeContract } from "./store.ts";

storeContract("memory", async () => {
  const store = memoryStore(64 * 1024);
  return {
    store,
    async input(label, content) {
      store.put(`file:///${label}`, content);
      return `file:///${label}`;
    },
    missing: "file:///missing",
    close: async () => {},
  };
});

storeContract("embedded", async () => {
  const directory = temporaryDirectory();
  mkdirSync(directory.path("inputs"));
  const store = createLocalStore({ directory: directory.path("state"), segmentName: "1-0" });
  return {
    store,
    async input(label, content) {
      const path = directory.path("inputs", label);
      writeFileSync(path, content);
      return pathToFileURL(path).href;
    },
    missing: pathToFileURL(directory.path("inputs", "missing")).href,
    async close() {
      store.close();
      directory.remove();
    },
  };
});
