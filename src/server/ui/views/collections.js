import { h } from '../core/dom.js';
export class CollectionsView { constructor() { this.node = h('section', { class: 'view' }, h('h1', { say: 'nav.collections' })); } }
