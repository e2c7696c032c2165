// Half of the quick set: one promise after the other.

import { testQuickly } from './quick.ts'
import { promises } from './registry.ts'

testQuickly(promises)
