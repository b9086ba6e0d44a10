import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';

export type Found = Record<string, any>;

/** The id of the first item of a list that fits, as soon as there is one. */
export const finder = (api: Api) => async (path: string, list: string, fits: (one: Found) => boolean) => {
  const found = await eventually(
    async () => (await api.get<Record<string, Found[]>>(path)).body[list]?.find((one) => fits(one)),
    { timeoutMs: 20_000 },
  );
  return (found['locator'] ?? found['id']) as string;
};
