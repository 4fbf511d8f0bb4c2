/** The Lambda function behind the state machine: a batch of items in, a list of invoices out. */
interface Batch {
  readonly Items: readonly {
    readonly order: { readonly id: string; readonly net: string };
    readonly vatPercent: number;
  }[];
}

class BadOrder extends Error {
  override readonly name = "BadOrder";
}

export async function handler({ Items }: Batch) {
  return Items.map(({ order, vatPercent }) => {
    const net = Number(order.net);
    if (order.net.trim() === "" || Number.isNaN(net))
      throw new BadOrder(`order ${order.id} has no net amount`);
    return { id: order.id, gross: Math.round(net * (100 + vatPercent)) / 100 };
  });
}
