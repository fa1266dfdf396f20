// Filters the findings table. Without script the whole table is shown and the controls stay hidden.
(function () {
  var form = document.getElementById("finding-filters");
  if (!form) { return; }
  var rows = Array.prototype.slice.call(document.querySelectorAll("#finding-rows tr"));
  var count = document.getElementById("finding-count");
  function apply() {
    var severity = form.elements.severity.value;
    var dataset = form.elements.dataset.value;
    var words = form.elements.words.value.toLowerCase().trim();
    var shown = 0;
    rows.forEach(function (row) {
      var fits = (!severity || row.dataset.severity === severity) &&
        (!dataset || row.dataset.datasets.split(" ").indexOf(dataset) >= 0) &&
        (!words || row.textContent.toLowerCase().indexOf(words) >= 0);
      row.hidden = !fits;
      if (fits) { shown += 1; }
    });
    count.textContent = shown + " of " + rows.length + " rules shown";
  }
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  apply();
}());
