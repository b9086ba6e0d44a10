export const services: { name: string; schema: string; portOffset: number }[];
export const sandboxPortOffset: number;
export function loginsOf(service: string): [app: string, worker: string];
export const nodeOptions: string;
