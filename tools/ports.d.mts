export function freePorts(count: number): Promise<number[]>;
export function answers(port: number, host?: string): Promise<boolean>;
export function checkPorts(wanted: { port: number; what: string; variable: string }[]): Promise<void>;
