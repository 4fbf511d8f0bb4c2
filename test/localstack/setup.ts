/**
 * Of every suite: what a user's environment says of AWS is put away, and what is left has to be a LocalStack
 * on this machine.
 */
import { localEnvironment, requireLoopback } from "./guard.ts";

const environment = localEnvironment(process.env["AWS_ENDPOINT_URL"] ?? "");
for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
Object.assign(process.env, environment);
requireLoopback();
