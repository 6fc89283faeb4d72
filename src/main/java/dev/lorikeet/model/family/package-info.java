/// One class a family: its `config.json` and its tensor names.
package dev.lorikeet.model.family;
