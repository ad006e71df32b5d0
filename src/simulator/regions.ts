/** (E) The regions seen in the documentation. */
export const sbcRegions = ['US East 1', 'US East 2', 'US West', 'CA Central', 'DE WestCentral', 'UK South'].map(
  (sbcGatewayRegion, index) => ({ sbcGatewayId: index + 1, sbcGatewayRegion }),
);
