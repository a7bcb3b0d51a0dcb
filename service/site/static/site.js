// Every page is complete without this file; each feature is a module of its own.
import "./suggest.js";
import "./tree.js";
import "./reading.js";
import "./query.js";
import "./copy.js";
import "./narrow.js";
