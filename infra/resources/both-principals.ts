/** One principal for two roles: a permission that is granted to it is granted to both. */
import { PrincipalPolicyFragment } from "aws-cdk-lib/aws-iam";
import type { AddToPrincipalPolicyResult, IPrincipal, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { DependencyGroup } from "constructs";

export function bothOf(first: IPrincipal, second: IPrincipal): IPrincipal {
  const both: IPrincipal = {
    assumeRoleAction: first.assumeRoleAction,
    get grantPrincipal() {
      return both;
    },
    get policyFragment() {
      return merged(first.policyFragment, second.policyFragment);
    },
    addToPrincipalPolicy: (statement) => add([first, second], statement),
  };
  return both;
}

function add(principals: readonly IPrincipal[], statement: PolicyStatement): AddToPrincipalPolicyResult {
  const results = principals.map((principal) => principal.addToPrincipalPolicy(statement));
  const policyDependable = new DependencyGroup();
  for (const result of results) {
    if (result.policyDependable) policyDependable.add(result.policyDependable);
  }
  return { statementAdded: results.every((result) => result.statementAdded), policyDependable };
}

function merged(first: PrincipalPolicyFragment, second: PrincipalPolicyFragment): PrincipalPolicyFragment {
  const principals: { [kind: string]: string[] } = {};
  for (const { principalJson } of [first, second]) {
    for (const [kind, values] of Object.entries(principalJson)) {
      principals[kind] = [...(principals[kind] ?? []), ...values];
    }
  }
  return new PrincipalPolicyFragment(principals, { ...first.conditions, ...second.conditions });
}
