// What the till uses of idb; its own types are not in the published module file.
export function openDB(name: string, version?: number, options?: any): Promise<any>;
export function deleteDB(name: string, options?: any): Promise<void>;
