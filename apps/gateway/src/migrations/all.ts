import { CreateAccess1795000000000 } from './1795000000000-create-access.ts';
import { CreateApiKeys1796904500000 } from './1796904500000-create-api-keys.ts';

export const migrations = [CreateAccess1795000000000, CreateApiKeys1796904500000];
