/** DuckDB, two threads: `node duckdb-joins.ts <its node_modules> <question> <file> <result>`. */
import { pathToFileURL } from "node:url";

const [, , modules = "", question = "", file = "", result = ""] = process.argv;

interface Connection {
  run(sql: string): Promise<unknown>;
}
interface DuckDb {
  readonly DuckDBInstance: {
    create(path: string, options: { threads: string }): Promise<{ connect(): Promise<Connection> }>;
  };
}

const at = pathToFileURL(`${modules}/@duckdb/node-api/lib/index.js`).href;
// The package is installed by hand, so there are no types of it.
const { DuckDBInstance } = ((await import(at)) as { default: DuckDb }).default;
const connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
const rows = `read_csv('${file}', header = true, columns = {'user': 'VARCHAR', 'amount': 'DOUBLE'})`;
const QUESTIONS: { readonly [name: string]: string } = {
  groups: `select user, sum(amount) as total, count(*) as n from ${rows} group by user`,
  distinct: `select count(distinct user) as count from ${rows}`,
  amounts: `select {'0.5': q[1], '0.99': q[2]} as quantiles, top from (
    select quantile_disc(amount, [0.5, 0.99]) as q, max(amount, 10) as top from ${rows})`,
};
await connection.run(`copy (${QUESTIONS[question]}) to '${result}' (format json)`);
