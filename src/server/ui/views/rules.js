import { h } from '../core/dom.js';
export class RulesView { constructor() { this.node = h('section', { class: 'view' }, h('h1', { say: 'nav.rules' })); } }
