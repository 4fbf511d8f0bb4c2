/**
 * In a web page: sends the file that a user chose, and shows how far its batch is and what came of it.
 *
 *     node bin/fanjoin.js dev examples/bird-strikes.ts --origin http://localhost:5173
 *     npx esbuild examples/programs/page.ts --bundle --format=esm --outfile=page.js
 */
import { connect, FanjoinError } from "fanjoin/client";
import type strikes from "../bird-strikes.ts";

/** `endpoint`: of `fanjoin dev` with its token; or of a server of yours that adds the key of a stack. */
export async function showReport(
  file: File,
  { endpoint, token }: { readonly endpoint: string; readonly token?: string },
  show: (line: string) => void,
): Promise<void> {
  try {
    const fanjoin = await connect({ endpoint, token });
    const batch = await fanjoin.submit<typeof strikes>("bird-strikes", { input: [file] });
    for await (const { totals } of batch.progress()) show(`${totals.succeeded + totals.failed} strikes`);
    const { state, items, result } = await batch.ended();
    show(`${state}: ${items.succeeded} strikes, ${items.failed} rows are not usable`);
    for (const [name, { strikes: count }] of Object.entries(result ?? {})) show(`${name}: ${count}`);
    for await (const { line, error } of batch.failed()) show(`line ${line}: ${error.message}`);
  } catch (error) {
    show(error instanceof FanjoinError ? `${error.code}: ${error.message}` : String(error));
  }
}
