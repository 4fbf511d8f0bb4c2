/**
 * `POST /jobs/{job}/uploads`: a signed URL for a PUT. An object below `uploads/` starts a batch when it
 * arrives.
 */
import { INPUTS, UPLOADS } from "../../core/stack/resource-names.ts";
import { bodyOf, shown, textIn } from "../request-body.ts";
import type { ApiHost } from "../host.ts";
import { json } from "../http.ts";
import type { ApiRequest, ApiResponse } from "../http.ts";
import { checkFileName, jobIn } from "../checked-names.ts";
import { badRequest } from "../problem.ts";

export async function signUpload(
  host: ApiHost,
  request: ApiRequest,
  [name = ""]: readonly string[],
): Promise<ApiResponse> {
  const job = jobIn(host, name);
  const body = bodyOf(request, ["name", "start"]);
  const file = checkFileName(textIn(body, "name") ?? "");
  const { start = true } = body;
  if (typeof start !== "boolean") throw badRequest(`start must be true or false, but is ${shown(start)}`);
  const { url, object, expiresAt } = await host.signedPut(`${start ? UPLOADS : INPUTS}/${job}/${file}`);
  return json(201, { method: "PUT", url, object, expiresAt: new Date(expiresAt).toISOString() });
}
