import { CreateAccess1795000000000 } from './1795000000000-create-access.ts';

export const migrations = [CreateAccess1795000000000];
