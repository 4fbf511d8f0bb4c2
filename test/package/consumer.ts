/**
 * A user's project outside this checkout. The built package is installed in it with only its dependencies:
 * what is bundled has to be in it.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtPackage } from "../builds.ts";

const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));

export interface Manifest {
  readonly [name: string]: unknown;
  readonly bin: { readonly [name: string]: string };
  readonly exports: { readonly [name: string]: string | { readonly [condition: string]: string } };
  readonly imports: { readonly [name: string]: string };
  readonly dependencies: { readonly [name: string]: string };
  readonly peerDependencies: { readonly [name: string]: string };
}

export interface Consumer {
  readonly path: string;
  /** The installed package: a real directory, in which Node does not strip types. */
  readonly installed: string;
  readonly manifest: Manifest;
  write(name: string, text: string): void;
  read(name: string): string;
  link(...packages: readonly string[]): void;
  unlink(name: string): void;
  /** Runs Node. */
  node(...args: readonly string[]): Outcome;
  remove(): void;
}

export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function createConsumer(): Promise<Consumer> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "fanjoin-consumer-")));
  const path = join(folder, "shop");
  const within = (name: string): string => join(path, "node_modules", name);
  const installed = within("fanjoin");
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  const link = (...packages: readonly string[]): void => {
    for (const name of packages) {
      mkdirSync(dirname(within(name)), { recursive: true });
      symlinkSync(join(MODULES, name), within(name), "junction");
    }
  };
  cpSync(await builtPackage(), installed, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Manifest;
  link(...Object.keys(manifest.dependencies));
  write("package.json", JSON.stringify({ name: "shop", private: true, type: "module" }));
  return {
    path,
    installed,
    manifest,
    write,
    read: (name) => readFileSync(join(path, name), "utf8"),
    link,
    unlink: (name) => rmSync(within(name)),
    node(...args) {
      const { NODE_OPTIONS: _options, FORCE_COLOR: _force, ...env } = process.env;
      return spawnSync(process.execPath, args, { cwd: path, env, encoding: "utf8" });
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
