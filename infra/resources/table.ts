/** The ledger's table: one record per key, two sparse indexes for lists, and expiring records. */
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { Deployment } from "./deployment.ts";

export interface LedgerTable {
  readonly table: Table;
  /**
   * Allows a function to use the ledger, and sets the table's name in its environment. With `lists` it may
   * also query the indexes.
   */
  grant(user: Function, lists?: "lists"): void;
}

/** The indexes are sparse: each holds only records that have an attribute of its name. */
const INDEXES = ["listed", "open"] as const;

/** Creates the ledger's table. */
export function createTable(scope: Construct, deployment: Deployment): LedgerTable {
  const { key, removalPolicy } = deployment;
  const table = new Table(scope, "Table", {
    partitionKey: { name: "pk", type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: "ttl",
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...(key
      ? { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }
      : { encryption: TableEncryption.AWS_MANAGED }),
    removalPolicy,
  });
  for (const name of INDEXES) {
    table.addGlobalSecondaryIndex({
      indexName: name,
      partitionKey: { name, type: AttributeType.STRING },
      sortKey: { name: "pk", type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
  }
  return {
    table,
    grant(user, lists) {
      user.addEnvironment("FANJOIN_TABLE", table.tableName);
      user.addEnvironment("FANJOIN_RETENTION_DAYS", String(deployment.retentionDays));
      user.addToRolePolicy(statement(["BatchGetItem", "UpdateItem"], [table.tableArn]));
      if (!lists) return;
      const indexes = INDEXES.map((name) => `${table.tableArn}/index/${name}`);
      user.addToRolePolicy(statement(["Query"], indexes));
    },
  };
}

function statement(actions: readonly string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions: actions.map((name) => `dynamodb:${name}`), resources });
}
