import { openDatabase } from "../../src/local/sqlite/database.ts";
import { memoryLedger } from "../../src/testing/memory/ledger.ts";
import { temporaryDirectory } from "../memory/directory.ts";
import { ledgerContract } from "./ledger.ts";

ledgerContract("memory", async () => ({ ledger: memoryLedger(), close: async () => {} }));

ledgerContract("embedded", async () => {
  const directory = temporaryDirectory();
  const database = openDatabase({ file: directory.path("state.db"), clock: Date });
  return {
    ledger: database.ledger,
    async close() {
      await database.close();
      directory.remove();
    },
  };
});
