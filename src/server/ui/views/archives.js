import { h } from '../core/dom.js';
export class ArchivesView { constructor() { this.node = h('section', { class: 'view' }, h('h1', { say: 'nav.archives' })); } }
