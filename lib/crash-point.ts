// Names a moment at which a crash would be telling. In the product this is nothing, and the calls are built away; a test build
// puts a module in its place that ends the process there (tests/reliability/crash-here.ts).

export function crashPoint(_name: string): void {}
