/**
 * Signed requests, tokens and signed URLs are secrets for as long as they are valid. They are sent by https,
 * or to this machine, or where the user allows it with `--insecure-endpoint`.
 */
import { usage } from "../../core/errors/errors.ts";
import { lookup } from "node:dns/promises";
import { BlockList, isIPv4 } from "node:net";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/**
 * An address of this machine to connect to, so that the name is not looked up once more and may then lead
 * elsewhere. `null` if the host is, or may be, another machine.
 */
export async function loopbackAddress(hostname: string): Promise<string | null> {
  const name = hostname.replace(/^\[(.*)\]$/, "$1");
  const found = await lookup(name, { all: true }).catch(() => []);
  const isHere = found.every(({ address, family }) =>
    LOOPBACK.check(address, family === 6 ? "ipv6" : "ipv4"),
  );
  if (!isHere || found.length === 0) return null;
  // A server may listen on one of its two addresses only, and this name can only be this machine.
  if (name === "localhost") return name;
  return (found.find(({ address }) => isIPv4(address)) ?? found[0])?.address ?? null;
}

/** Throws `USAGE`. `what` is where the URL comes from. */
export async function checkEncrypted(url: URL, what: string, insecure: boolean): Promise<void> {
  if (insecure || url.protocol === "https:" || (await loopbackAddress(url.hostname)) !== null) return;
  throw usage(
    `${what} ${url.origin} is neither https nor an address of this machine: secrets would be sent without encryption. Use https, or allow it with --insecure-endpoint`,
  );
}

/** Checks the endpoint that takes the place of an AWS service. Throws `USAGE`. */
export async function checkAwsEndpoint(
  service: "CLOUDFORMATION" | "S3",
  insecure: boolean,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const variable = [`AWS_ENDPOINT_URL_${service}`, "AWS_ENDPOINT_URL"].find((name) => env[name]);
  const url = variable === undefined ? null : URL.parse(env[variable] ?? "");
  if (variable !== undefined && url) await checkEncrypted(url, variable, insecure);
}
