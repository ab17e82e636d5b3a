/* Runs only in browsers without modules, so it is written for them. */
document.addEventListener('DOMContentLoaded', function () {
  document.getElementById('app').innerHTML =
    '<p role="alert" lang="zh-CN">浏览器版本过旧,无法显示地图。请使用 Chromium 94 或更新的浏览器(360、奇安信、UOS 浏览器的新版本均可)。' +
    '<a href="/collections?f=html">查看数据目录</a></p>';
});
