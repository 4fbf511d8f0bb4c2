/**
 * A package registry on this machine. It has the packed packages of this repository and, in place of the
 * public registry, what is installed here.
 */
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CREATE } from "../../build/build.ts";
import { pack } from "../../build/pack.ts";
import { ROOT } from "../../build/root.ts";
import { builtPackage } from "../builds.ts";

export interface Registry {
  readonly url: string;
  close(): void;
}

/** `folder`: for what is built and packed. */
export async function startRegistry(folder: string): Promise<Registry> {
  cpSync(await builtPackage(), join(folder, "fanjoin"), { recursive: true });
  const packed = new Map<string, string>();
  const server = createServer(({ url = "" }, response) => {
    const [, name = "", file] = /^\/((?:@[^/]+\/)?[^/]+)(\/-\/.*)?$/.exec(decodeURIComponent(url)) ?? [];
    const source = folderOf(name);
    if (source === null) return void response.writeHead(404).end("{}");
    if (file === undefined) return void response.end(JSON.stringify(description(source)));
    const path = packed.get(name) ?? packOne(source, name);
    response.end(readFileSync(path));
  });

  function folderOf(name: string): string | null {
    if (name === "fanjoin") return join(folder, name);
    if (name === "create-fanjoin") return CREATE;
    const installed = join(ROOT, "node_modules", name);
    return existsSync(join(installed, "package.json")) ? installed : null;
  }

  function packOne(source: string, name: string): string {
    const destination = join(folder, "packed", name);
    mkdirSync(destination, { recursive: true });
    const path = pack(source, destination);
    packed.set(name, path);
    return path;
  }

  /** All that npm asks for: one version. */
  function description(source: string): object {
    const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as {
      readonly name: string;
      readonly version: string;
    };
    const { name, version } = manifest;
    const dist = { tarball: `${address()}/${name}/-/${version}.tgz` };
    return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
  }

  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: address(), close: () => void server.close() };
}
