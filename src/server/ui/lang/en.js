// The page in English.

import frame from './en/frame.js';
import wash from './en/wash.js';
import compare from './en/compare.js';
import archives from './en/archives.js';
import collections from './en/collections.js';
import rules from './en/rules.js';
import status from './en/status.js';

export default { ...frame, ...wash, ...compare, ...archives, ...collections, ...rules, ...status };
