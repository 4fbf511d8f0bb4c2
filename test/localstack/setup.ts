/**
 * Runs before every suite: removes the user's AWS settings from the environment, and requires a LocalStack on
 * this machine.
 */
import { localEnvironment, requireLoopback } from "./guard.ts";

const environment = localEnvironment(process.env["AWS_ENDPOINT_URL"] ?? "");
for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
Object.assign(process.env, environment);
requireLoopback();
