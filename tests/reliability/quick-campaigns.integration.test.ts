// Half of the quick set: what keeps a server busy and kills it. The other half runs beside it.

import { testQuickly } from './quick.ts'
import { campaigns } from './registry.ts'

testQuickly(campaigns)
