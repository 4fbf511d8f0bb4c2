/**
 * Finds batches that an upload has started. An upload does not return their ids, so the ledger is scanned.
 */
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";

/** The ids of batches whose input is the object with this key. */
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
      // The key is inside JSON text inside the record's JSON.
      if (JSON.stringify(item).includes(JSON.stringify(JSON.stringify(key)).slice(3, -3))) {
        found.push((item["pk"]?.S ?? "").slice("batch/".length));
      }
    }
  }
  return found;
}
