import type { DevelopmentSecrets } from './secrets.mjs';
import type { StackInfo } from './stack.mjs';

export function natsTopology(): Promise<{ users: string[]; config: string }>;
export function developmentSecrets(
  file: string,
  natsUsers: readonly string[],
): Promise<DevelopmentSecrets<StackInfo['tenants'][number]>>;
