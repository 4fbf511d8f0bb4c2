/** Batches that an upload has started: nobody is told their ids, so the ledger is looked through. */
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";

/** Those whose input is the object with this key. */
export async function uploadedBatches(table: string, key: string): Promise<string[]> {
  const query = {
    TableName: table,
    FilterExpression: "begins_with(pk, :batch)",
    ExpressionAttributeValues: { ":batch": { S: "batch/" } },
    ConsistentRead: true,
  };
  const found: string[] = [];
  for await (const { Items = [] } of paginateScan({ client: new DynamoDBClient({}) }, query)) {
    for (const item of Items) {
      // A key stands within JSON within the record.
      if (JSON.stringify(item).includes(JSON.stringify(JSON.stringify(key)).slice(3, -3))) {
        found.push((item["pk"]?.S ?? "").slice("batch/".length));
      }
    }
  }
  return found;
}
