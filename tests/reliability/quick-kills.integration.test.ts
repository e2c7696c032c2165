// A part of the quick set: what keeps a server busy and kills it, and servers that are wrong on purpose. The others run beside it.
import { testQuickly } from './quick.ts'
import { PARTS } from './registry.ts'

testQuickly(PARTS.kills)
