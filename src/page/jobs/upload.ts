/** Uploads the file of a form, with its progress. */
import { address, post } from "../live/api.ts";

export interface PageUpload {
  readonly done: Promise<string>;
  readonly stop: () => void;
}

/** Resolves to the URL of the object. Each upload has a folder of its own: a name that repeats replaces. */
export function upload(job: string, file: File, onProgress: (sent: number) => void): PageUpload {
  const request = new XMLHttpRequest();
  const folder = `page-${Date.now().toString(36)}-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36) ?? ""}`;
  const done = (async () => {
    const signed = await post<{ readonly url: string; readonly object: string }>(
      address("jobs", job, "uploads"),
      {
        name: `${folder}/${file.name}`,
        start: false,
      },
    );
    await put(request, signed.url, file, onProgress);
    return signed.object;
  })();
  return { done, stop: () => request.abort() };
}

async function put(
  request: XMLHttpRequest,
  url: string,
  file: File,
  onProgress: (sent: number) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  request.open("PUT", url);
  request.upload.addEventListener("progress", ({ loaded }) => onProgress(loaded));
  request.addEventListener("load", () => {
    if (request.status < 300) resolve();
    else reject(new Error(`the upload was refused: ${request.status} ${request.responseText.slice(0, 200)}`));
  });
  request.addEventListener("error", () => reject(new Error("the upload failed: the connection was lost")));
  request.addEventListener("abort", () => reject(new Error("the upload was stopped")));
  request.send(file);
  await promise;
}
