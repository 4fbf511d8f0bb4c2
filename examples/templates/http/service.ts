/** Stands in for a web service, so that `npm start` and `npm test` work anywhere. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const DEGREES: { readonly [city: string]: number } = {
  Oslo: 3,
  Lima: 19,
  Nairobi: 24,
  Abidjan: 29,
  Bergen: 6,
};

export interface Service {
  readonly url: string;
  close(): void;
}

/** `busy`: how often it answers each city with 503 first. */
export async function startService(busy = 0): Promise<Service> {
  const asked = new Map<string, number>();
  const server = createServer(({ url = "" }, response) => {
    const city = decodeURIComponent(url.replace("/weather/", ""));
    const times = asked.get(city) ?? 0;
    asked.set(city, times + 1);
    const degrees = DEGREES[city];
    response.statusCode = times < busy ? 503 : degrees === undefined ? 404 : 200;
    response.end(JSON.stringify({ degrees }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
